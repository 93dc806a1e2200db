// What goes over one link of the wall, as both ends write and read it.
import type { FromInside, FromInside__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/FromInside.ts';
import type { FromOutside, FromOutside__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/FromOutside.ts';
import type { Settled, Settled__Output } from '@sallyport/proto/generated/sallyport/boundary/v1/Settled.ts';
import { isRefusalCode, type Refusal } from '../refusals.ts';

type Shared = 'hello' | 'offered' | 'asked' | 'taken' | 'settled' | 'heartbeat' | 'goodbye';

/** A frame to be sent. FromInside and FromOutside are alike but for what each says of the proxy's audit. */
export type Frame = Pick<FromInside, Shared | 'countersigned'> & Pick<FromOutside, 'chainHeads'>;
/** A frame that came. */
export type FrameRead = Pick<FromInside__Output, Shared> &
  Partial<Pick<FromInside__Output, 'countersigned'>> &
  Partial<Pick<FromOutside__Output, 'chainHeads'>>;

/** The stream that a link runs over: a gRPC call of either side, or any object stream in its shape. */
export type LinkStream = {
  readonly destroyed: boolean;
  write(frame: Frame): boolean;
  read(): FrameRead | null;
  end(): void;
  destroy(error?: Error): void;
  on(event: 'readable' | 'end' | 'close' | 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/** Two ends whose numbers differ cannot talk. Raised when the meaning of boundary.proto changes. */
export const protocolVersion = 2;

const languageTag = /^[A-Za-z0-9-]{1,35}$/;

/** How a packet ended at the other side of the wall. */
export type Settlement = { readonly state: 'delivered' } | { readonly state: 'refused'; readonly refusal: Refusal };

export function settlementToWire(seq: number, settlement: Settlement): Settled {
  if (settlement.state === 'delivered') return { seq, state: 'DELIVERED' };
  const { code, publicText = '', incident = '', lang = '' } = settlement.refusal;
  return { seq, state: 'REFUSED', code, publicText, incident, lang };
}

/** undefined for UNKNOWN, PENDING and whatever is not a settlement. A code that we do not know is a fault. */
export function settlementFromWire(settled: Settled__Output): Settlement | undefined {
  if (settled.state === 'DELIVERED') return { state: 'delivered' };
  if (settled.state !== 'REFUSED') return undefined;
  const code = isRefusalCode(settled.code) ? settled.code : 'internal-fault';
  const lang = languageTag.test(settled.lang) ? settled.lang : '';
  return {
    state: 'refused',
    refusal: {
      code,
      stage: 'across-the-wall',
      ...(settled.publicText === '' ? {} : { publicText: settled.publicText.slice(0, 1024), lang }),
      ...(settled.incident === '' ? {} : { incident: settled.incident.slice(0, 64) }),
    },
  };
}
