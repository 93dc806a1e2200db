// The way in: an element that a partner sent is admitted as a packet, answered, refused or dropped.
import { randomBytes } from 'node:crypto';
import { parseJid } from '@sallyport/shared/address/jid.ts';
import { judge, type Stage, type Watcher } from '@sallyport/shared/judge.ts';
import { counter } from '@sallyport/shared/metrics.ts';
import { bouncedKind, type Packet, type PacketId } from '@sallyport/shared/packet.ts';
import { worded } from '@sallyport/shared/policy/texts.ts';
import { defaultVocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import { type Refusal, refusalRow, type StreamCondition } from '@sallyport/shared/refusals.ts';
import { refuse, type Verdict } from '@sallyport/shared/verdict.ts';
import type { Situation } from './situation.ts';
import { checkContent } from './stages/check-content.ts';
import { checkPartner } from './stages/check-partner.ts';
import { checkPersonRate, checkStrangerRate } from './stages/check-person-rate.ts';
import { checkProbing, countContentRefusal, isOfContent } from './stages/check-probing.ts';
import { checkRate } from './stages/check-rate.ts';
import { checkRecording } from './stages/check-recording.ts';
import { checkSender } from './stages/check-sender.ts';
import { cleanText } from './stages/clean-text.ts';
import { answerQuery } from './stanza/answer-query.ts';
import { isUnseen } from './stanza/packet-to-stanza.ts';
import { parseStanza } from './stanza/parse-stanza.ts';
import { printUnsubscribed } from './stanza/print-presence.ts';
import { envelopeTo, mayBeAnswered, readEnvelope, stanzaName } from './stanza/read-envelope.ts';
import type { Envelope, Stanza, StanzaName, UserStanza } from './stanza/stanza.ts';
import { stanzaError } from './stanza/stanza-error.ts';
import { stanzaToPacket } from './stanza/stanza-to-packet.ts';
import type { XmlElement } from './xml/element.ts';

export type Admitted =
  /** It goes inside. */
  | { readonly kind: 'packet'; readonly packet: Packet }
  /** Answered here; the text goes on the stream towards this partner. */
  | { readonly kind: 'reply'; readonly xml: string }
  /** The partner's answer to an iq from our domain: it lives. */
  | { readonly kind: 'our-ping-answered'; readonly from: string; readonly to: string; readonly id: string }
  /** Nobody is told. */
  | { readonly kind: 'dropped'; readonly refusal: Refusal }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** The error stanza for its sender, where one may be sent. */
      readonly reply?: string;
      /** The stream ends with this error. */
      readonly close?: StreamCondition;
      readonly from?: string;
      readonly to?: string;
      readonly stanzaId?: string;
      readonly stanza: StanzaName;
    };

// In this order. Who it is comes before what it says, so that nobody is answered who is not who he says he is.
const stagesOfAddresses: readonly Stage<Envelope, Situation>[] = [checkSender, checkPartner, checkRate];
const stagesOfStrangers: readonly Stage<Envelope, Situation>[] = [checkRate, checkStrangerRate];
const stagesOfTexts: readonly Stage<UserStanza, Situation>[] = [
  checkRecording,
  checkPersonRate,
  checkProbing,
  cleanText,
  checkContent,
];
const textsRefused = counter('presence_texts_refused_total', 'Presence that went on without its text', [
  'code',
] as const);

/**
 * Decides about one first-level element of an authenticated stream. `bytes` is its raw size; `newId` names the packet;
 * `watcher` is told of each verdict. Everything that is refused has its code from refusals.ts; what is no stanza at all
 * ends the stream with `unsupported-stanza-type` (P13).
 */
export function admit(
  element: XmlElement,
  bytes: number,
  situation: Situation,
  newId: () => PacketId,
  watcher?: Watcher,
): Admitted {
  const name = stanzaName(element);
  if (name === undefined) {
    const refusal: Refusal = { code: 'stanza-malformed', note: 'not a stanza', stage: 'parseStanza' };
    return { kind: 'refused', refusal, close: 'unsupported-stanza-type', stanza: 'message' };
  }
  const verdict = decide(element, name, bytes, situation, watcher);
  if (!verdict.passed) return refused(verdict.refusal, element, name, situation);
  const stanza = verdict.subject;
  switch (stanza.kind) {
    case 'user':
      return { kind: 'packet', packet: stanzaToPacket(stanza, newId(), situation.now) };
    case 'query':
      return { kind: 'reply', xml: answerQuery(stanza, situation.now, situation.partner.vocabulary) };
    case 'answer':
      return answered(stanza);
    default:
      return stanza satisfies never;
  }
}

function decide(
  element: XmlElement,
  name: StanzaName,
  bytes: number,
  situation: Situation,
  watcher: Watcher | undefined,
): Verdict<Stanza> {
  const { stream, partner, policy, limits, now } = situation;
  const envelope = readEnvelope(element, name, bytes, stream.lang);
  if (!envelope.passed)
    return told('readEnvelope', unreadable(envelope.refusal, element, name, bytes, situation), watcher);
  const addressed = judgeNow(stagesOfAddresses, envelope.subject, situation, watcher);
  if (!addressed.passed) return dearer(addressed.refusal, envelope.subject, situation);
  const terms = {
    unknown: partner.unknown,
    vocabulary: partner.vocabulary ?? defaultVocabulary,
    rooms: partner.rooms,
    bodyCharacters: limits.bodyCharacters,
    labels: policy.labels,
    streamLang: stream.lang,
    now,
  };
  const parsed = told('parseStanza', parseStanza(element, addressed.subject, terms), watcher);
  if (!parsed.passed || parsed.subject.kind !== 'user') return parsed;
  const judged = judgeNow(stagesOfTexts, parsed.subject, situation, watcher);
  return judged.passed
    ? judged
    : (withoutTexts(parsed.subject, judged.refusal) ?? counted(judged, parsed.subject, situation));
}

// A refusal that its sender hears of tells him something about the rules; too many of them tell him no more.
function counted(judged: Verdict<never>, { from, content }: UserStanza, situation: Situation): Verdict<never> {
  const { rates, partner, now, onProbing } = situation;
  if (judged.passed || !isOfContent(judged.refusal.code) || bouncedKind(content.kind) === undefined) return judged;
  if (countContentRefusal(rates.people, partner.rates, from.bare, now)) onProbing?.(from.bare);
  return judged;
}

// Where somebody is matters more than what he wrote beside it: a text that may not come in does not keep people online.
function withoutTexts(stanza: UserStanza, { code }: Refusal): Verdict<UserStanza> | undefined {
  const { content } = stanza;
  if (content.kind !== 'presence' || !(isOfContent(code) || code === 'text-unclean')) return undefined;
  textsRefused.inc({ code });
  const { nick: _, ...rest } = content;
  return { passed: true, subject: { ...stanza, content: { ...rest, statuses: [] } } };
}

// Where only the recipient is unreadable, its sender and its rate are judged all the same, before he is answered.
function unreadable(
  refusal: Refusal,
  element: XmlElement,
  name: StanzaName,
  bytes: number,
  situation: Situation,
): Verdict<never> {
  const envelope = refusal.note === 'to' ? envelopeTo(element, name, bytes, situation.stream.localDomain) : undefined;
  if (envelope === undefined) return { passed: false, refusal };
  const judged = judgeNow([checkSender, checkRate], envelope, situation, undefined);
  return judged.passed ? { passed: false, refusal } : judged;
}

// A refusal by checkPartner costs as much rate as any other stanza, or asking for strangers would be free (L7).
function dearer(refusal: Refusal, envelope: Envelope, situation: Situation): Verdict<never> {
  if (refusal.stage !== checkPartner.name) return { passed: false, refusal };
  const asksForStranger = refusal.code === 'not-permitted' && mayBeAnswered(envelope);
  const stages = asksForStranger ? stagesOfStrangers : stagesOfStrangers.slice(0, 1);
  const rate = judgeNow(stages, envelope, situation, undefined);
  return rate.passed ? { passed: false, refusal } : rate;
}

function judgeNow<S>(
  stages: readonly Stage<S, Situation>[],
  subject: S,
  situation: Situation,
  watcher: Watcher | undefined,
): Verdict<S> {
  const verdict = judge(stages, subject, situation, watcher);
  return verdict instanceof Promise ? refuse('internal-fault', { note: 'a stage waited' }) : verdict;
}

// The parser's verdicts carry a stage's name as those of the stages do.
function told<S>(stage: string, verdict: Verdict<S>, watcher: Watcher | undefined): Verdict<S> {
  const named: Verdict<S> =
    verdict.passed || verdict.refusal.stage !== undefined
      ? verdict
      : { passed: false, refusal: { ...verdict.refusal, stage } };
  watcher?.(stage, named);
  return named;
}

// Any answer to what our domain asked, an error as well, says that the partner lives (L5).
function answered({ from, to, id }: Envelope): Admitted {
  if (from.local !== '' || to.local !== '') {
    return { kind: 'dropped', refusal: { code: 'answer-not-asked', stage: 'parseStanza' } };
  }
  return { kind: 'our-ping-answered', from: from.domain, to: to.domain, id };
}

function refused(refusal: Refusal, element: XmlElement, name: StanzaName, situation: Situation): Admitted {
  const { attributes } = element;
  const row = refusalRow(refusal.code);
  const answerable = row.answer === 'bounce' && mayBeAnswered({ name, type: attributes.type ?? '' });
  const close = row.stream ?? closing(refusal, situation);
  if (close === undefined && (row.answer === 'drop' || (name === 'presence' && !answerable))) {
    return { kind: 'dropped', refusal };
  }
  const lang = attributes['xml:lang'] ?? situation.stream.lang;
  const said = { lang, ...worded(refusal, situation.policy.texts, lang) };
  const known = answerable ? { ...said, incident: said.incident ?? randomBytes(5).toString('hex') } : refusal;
  const reply = answerable ? errorFor(known, element, name, situation) : undefined;
  return {
    kind: 'refused',
    refusal: known,
    stanza: name,
    ...(reply === undefined ? {} : { reply }),
    ...(close === undefined ? {} : { close }),
    ...(attributes.from === undefined ? {} : { from: attributes.from }),
    ...(attributes.to === undefined ? {} : { to: attributes.to }),
    ...(attributes.id === undefined ? {} : { stanzaId: attributes.id }),
  };
}

// A partner entry may end the stream at the first break of the grammar; else patience ends some time (§2, S5).
function closing(refusal: Refusal, { partner, faults }: Situation): StreamCondition | undefined {
  const breaksGrammar = ['stanza-malformed', 'jid-malformed', 'sender-malformed'].includes(refusal.code);
  if (breaksGrammar && partner.invalid === 'close') return 'invalid-xml';
  // What one person does too much ends nobody's stream: the others of that server are on it as well.
  if (refusal.code === 'rate-exceeded' && refusal.stage !== checkRate.name) return undefined;
  return faults?.count(refusal.code);
}

// An error never claims to come from an address that is not ours, or its receiver would end the stream for it.
function errorFor(refusal: Refusal, element: XmlElement, name: StanzaName, situation: Situation): string | undefined {
  const { localDomain } = situation.stream;
  const { from, to, id } = element.attributes;
  if (from === undefined || refusal.code === 'sender-malformed') return undefined;
  const bare = parseJid(from)?.bare;
  const asked = parseJid(to ?? '')?.bare;
  if (name === 'presence' && isUnseen(refusal.code) && bare !== undefined && asked !== undefined) {
    return printUnsubscribed(asked, bare);
  }
  const foreign = refusal.code === 'jid-malformed' || refusal.code === 'domain-not-ours';
  const address = {
    stanza: name,
    from: foreign || to === undefined ? localDomain : to,
    to: from,
    id: id ?? '',
    by: localDomain,
  };
  return stanzaError(address, refusal, situation.policy.texts);
}
