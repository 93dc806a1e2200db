// Findings about what flows: the stream that was opened, and the partner's own way to us.
import { good, note, partner, type Row, wrong } from './finding-row.ts';

export const streamsFindings = {
  // The stream
  features: good('stream', 'what the server can do'),
  'no-stream-management': note(
    'stream',
    partner(
      'without stream management (XEP-0198) a message can be lost unseen when a connection breaks',
      'switch it on between servers, if their server has it',
    ),
  ),
  'limits-small': note(
    'stream',
    partner('their largest stanza is smaller than ours; longer messages are refused', 'allow as much as we do'),
  ),
  'ping-answered': good('stream', 'a ping went there and its answer came back'),
  'ping-unanswered': wrong(
    'stream',
    partner(
      'a ping went there and no answer came back',
      'look whether their server can reach ours: the answer takes their own stream, see their attempts',
    ),
  ),

  // Their way to us
  'streams-live': good('way-in', 'the streams that live now'),
  'came-in': good('way-in', 'their last connection to us was let in'),
  'never-came': note(
    'way-in',
    partner(
      'they have not dialled us since the proxy started',
      'nothing, unless their messages do not arrive: then have them try',
    ),
  ),
  'kept-out': wrong(
    'way-in',
    partner('their last connection to us was not let in', 'mend what stands in the sentence'),
  ),
  'kept-out-before': note(
    'way-in',
    partner('an earlier connection to us was not let in; a later one was', 'nothing, unless it comes back'),
  ),
} as const satisfies Readonly<Record<string, Row>>;
