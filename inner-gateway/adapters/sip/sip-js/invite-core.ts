// INVITE transactions and dialogs (RFC 3261 §13, §14, §17) by the core of sip.js, behind the work-arounds of
// sip-dialect §13.2. Nothing of sip.js is seen outside of this folder.
import type { Log } from '@sallyport/shared/log.ts';
import {
  ClientTransaction,
  type IncomingInviteRequest,
  LoggerFactory,
  type Session,
  SessionDialog,
  Timers,
  type Transport,
  TransportError,
  type URI,
  UserAgentCore,
} from 'sip.js/lib/core/index.js';
import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js';
import { allow } from '../answers.ts';
import type { SipRequest, SipResponse } from '../wire/message.ts';
import type { Body, Field } from '../wire/printer.ts';
import { bridgeRequest, bridgeResponse, VerbatimUri } from './bridge.ts';

/** Writes to where a transaction belongs; false where there is no connection. */
export type Send = (text: string) => boolean;

/** A dialog that a 2xx has confirmed. */
export type Established = {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly remoteTarget: string;
  /** The route set, in the order of the Route header. */
  readonly routes: readonly string[];
  readonly localSequence: number;
  /** Makes the core forget it; to be called when it has ended. */
  readonly forget: () => void;
};

export type InviteCore = {
  /** Sends an INVITE. Each 2xx is acknowledged and told; `refused` without a response: 408 or 503 of our own. */
  readonly invite: (
    request: {
      readonly from: string;
      readonly to: string;
      readonly callId: string;
      readonly fromTag: string;
      readonly fields: readonly Field[];
      readonly body: Body;
    },
    send: Send,
    told: {
      readonly accepted: (dialog: Established, response: SipResponse) => void;
      readonly refused: (status: number, response: SipResponse | undefined) => void;
    },
  ) => { readonly cancel: () => void };
  /** Answers an INVITE that starts a dialog with 200; undefined for one that the core answered by itself. */
  readonly accept: (
    request: SipRequest,
    send: Send,
    answer: { readonly fields: readonly Field[]; readonly body: Body },
    told: { readonly acknowledged: () => void; readonly retargeted: (target: string) => void },
  ) => Established | undefined;
  /** ACK, CANCEL and re-INVITE. */
  readonly receive: (request: SipRequest, send: Send) => void;
  /** A response to an INVITE or a CANCEL. */
  readonly take: (response: SipResponse) => void;
  readonly stop: () => void;
};

/** The core for one adapter. `contact` is our Contact URI, `viaHost` host and port of our Via. */
export function createInviteCore(world: {
  readonly contact: string;
  readonly viaHost: string;
  readonly newBranch: () => string;
  readonly log: Log;
}): InviteCore {
  adjustStatics(world.newBranch);
  const contact = new VerbatimUri(world.contact);
  // What the core asks for while it is fed or makes a request; it keeps what it got for the whole transaction.
  let sending: Send = () => false;
  let requestUri: URI = contact;
  let response: SipResponse | undefined;
  let arriving: ((invite: IncomingInviteRequest) => void) | undefined;
  const loggerFactory = new LoggerFactory();
  loggerFactory.builtinEnabled = false;

  const core = new UserAgentCore(
    {
      // The core answers 404 to whatever is not for its one user; we serve many.
      get aor() {
        return requestUri;
      },
      contact: { uri: contact, pubGruu: undefined, tempGruu: undefined, toString: () => `<${world.contact}>` },
      displayName: '',
      loggerFactory,
      hackViaTcp: false,
      routeSet: [],
      sipjsId: '',
      supportedOptionTags: ['ms-sender'],
      supportedOptionTagsResponse: ['ms-sender'],
      userAgentHeaderFieldValue: 'Sallyport',
      viaForceRport: false,
      viaHost: world.viaHost,
      authenticationFactory: () => undefined,
      transportAccessor: () => transport(sending),
    },
    { onInvite: (invite) => arriving?.(invite) },
  );

  function guarded(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      world.log.error({ what, error: error instanceof Error ? error.message : 'unknown' }, 'the SIP core threw');
    }
  }

  return {
    invite(request, send, told) {
      const to = new VerbatimUri(request.to);
      const message = core.makeOutgoingRequestMessage(
        'INVITE',
        to,
        new VerbatimUri(request.from),
        to,
        { callId: request.callId, fromTag: request.fromTag },
        lines([...request.fields, ['Contact', `<${world.contact}>`], ['Allow', allow]]),
        { contentDisposition: 'session', contentType: request.body.type, content: request.body.text },
      );
      sending = send;
      const client = core.invite(message, {
        onAccept(accepted) {
          accepted.ack();
          const dialog = established(accepted.session);
          if (dialog !== undefined && response !== undefined) told.accepted(dialog, response);
        },
        onReject: ({ message: { statusCode } }) => told.refused(statusCode ?? 500, response),
        onRedirect: ({ message: { statusCode } }) => told.refused(statusCode ?? 500, response),
      });
      return {
        cancel: () => {
          sending = send;
          guarded('CANCEL', () => client.cancel());
        },
      };
    },

    accept(request, send, answer, told) {
      let dialog: Established | undefined;
      requestUri = new VerbatimUri(request.uri);
      const message = bridgeRequest(request, requestUri);
      if (message === undefined) return undefined;
      const body = { contentDisposition: 'session', contentType: answer.body.type, content: answer.body.text };
      sending = send;
      arriving = (invite) => {
        const accepted = invite.accept({ statusCode: 200, extraHeaders: lines(answer.fields), body });
        accepted.session.delegate = {
          onAck: () => told.acknowledged(),
          // Our own sweep ends a dialog that is never acknowledged; the core would throw or send a BYE of its own.
          onAckTimeout: () => {},
          onInvite: (again) => {
            again.accept({
              statusCode: 200,
              extraHeaders: lines([['Contact', `<${world.contact}>`], ['Allow', allow], ...answer.fields]),
              body,
            });
            told.retargeted(accepted.session.remoteTarget.toString());
          },
        };
        dialog = established(accepted.session);
      };
      guarded('INVITE', () => core.receiveIncomingRequestFromTransport(message));
      arriving = undefined;
      return dialog;
    },

    receive(request, send) {
      requestUri = new VerbatimUri(request.uri);
      const message = bridgeRequest(request, requestUri);
      if (message === undefined) return;
      sending = send;
      guarded(request.method, () => core.receiveIncomingRequestFromTransport(message));
    },

    take(received) {
      const message = bridgeResponse(received);
      if (message === undefined) return;
      response = received;
      guarded('response', () => core.receiveIncomingResponseFromTransport(message));
      response = undefined;
    },

    stop: () => guarded('stop', () => core.dispose()),
  };
}

function established(session: Session): Established | undefined {
  if (!(session instanceof SessionDialog)) return undefined;
  return {
    callId: session.callId,
    localTag: session.localTag,
    remoteTag: session.remoteTag,
    remoteTarget: session.remoteTarget.toString(),
    routes: session.routeSet,
    localSequence: session.localSequenceNumber ?? 0,
    forget: () => session.dispose(),
  };
}

function transport(send: Send): Transport {
  return {
    protocol: 'TLS',
    send: async (text) => {
      if (!send(text)) throw new TransportError('no connection');
    },
  };
}

// The core prints extra headers as they are, so what is not one line must not get there.
function lines(fields: readonly Field[]): string[] {
  return fields.map(([name, value]) => `${name}: ${value.replace(/[\0-\x1f\x7f]+/g, ' ')}`);
}

let newestBranch: () => string = () => '';

function adjustStatics(newBranch: () => string): void {
  newestBranch = newBranch;
  // Seven digits of Math.random collide; a collision would overwrite another conversation's transaction.
  Object.defineProperty(ClientTransaction, 'makeId', {
    configurable: true,
    value: (request: { readonly method: string; readonly branch?: string }) =>
      request.method === 'CANCEL' && request.branch !== undefined ? request.branch : newestBranch(),
  });
  // Accepted INVITEs are searched at each new one; over TLS they need not live 32 s for retransmissions.
  Timers.TIMER_L = 2_000;
  AllowedMethods.splice(0, AllowedMethods.length, ...allow.split(', '));
}
