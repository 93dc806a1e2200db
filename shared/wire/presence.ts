// Presence in the shape of boundary.proto, there and back.
import type {
  Presence as WirePresence,
  Presence__Output as WirePresenceRead,
} from '@sallyport/proto/generated/sallyport/boundary/v1/Presence.ts';
import type { Presence } from '../packet.ts';
import { availabilities, bounded } from './fields.ts';
import { textsFromWire } from './message.ts';

export function presenceToWire(presence: Presence): WirePresence {
  const wire: WirePresence = {
    availability: availabilities.write(presence.availability),
    statuses: [...presence.statuses],
    priority: presence.priority,
  };
  if (presence.idleSince !== undefined) wire.idleSinceMs = presence.idleSince;
  if (presence.nick !== undefined) wire.nick = presence.nick;
  if (presence.avatarHash === null) wire.avatarState = 'AVATAR_NONE';
  else if (presence.avatarHash !== undefined) {
    wire.avatarState = 'AVATAR_IS';
    wire.avatarHash = Buffer.from(presence.avatarHash);
  }
  return wire;
}

/** undefined where a field is not what the contract promises. */
export function presenceFromWire(wire: WirePresenceRead | null | undefined): Presence | undefined {
  if (wire === null || wire === undefined) return undefined;
  const availability = availabilities.read(wire.availability);
  const statuses = textsFromWire(wire.statuses, 16, 1024);
  const nick = bounded(wire.nick, 64);
  if (availability === undefined || statuses === undefined || nick === undefined) return undefined;
  if (wire.priority < -128 || wire.priority > 127) return undefined;
  if (!Number.isSafeInteger(wire.idleSinceMs) || wire.idleSinceMs < 0) return undefined;
  if (wire.avatarState === 'AVATAR_IS' && wire.avatarHash.length !== 20) return undefined;
  return {
    kind: 'presence',
    availability,
    statuses,
    priority: wire.priority,
    ...(wire.idleSinceMs === 0 ? {} : { idleSince: wire.idleSinceMs }),
    ...(wire.avatarState === 'AVATAR_NONE' ? { avatarHash: null } : {}),
    ...(wire.avatarState === 'AVATAR_IS' ? { avatarHash: wire.avatarHash } : {}),
    ...(nick === '' ? {} : { nick }),
  };
}
