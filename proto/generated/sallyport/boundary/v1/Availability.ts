// Original file: proto/boundary.proto

export const Availability = {
  AVAILABILITY_UNSPECIFIED: 'AVAILABILITY_UNSPECIFIED',
  AVAILABLE: 'AVAILABLE',
  FREE_TO_CHAT: 'FREE_TO_CHAT',
  AWAY: 'AWAY',
  EXTENDED_AWAY: 'EXTENDED_AWAY',
  DO_NOT_DISTURB: 'DO_NOT_DISTURB',
  UNAVAILABLE: 'UNAVAILABLE',
} as const;

export type Availability =
  | 'AVAILABILITY_UNSPECIFIED'
  | 0
  | 'AVAILABLE'
  | 1
  | 'FREE_TO_CHAT'
  | 2
  | 'AWAY'
  | 3
  | 'EXTENDED_AWAY'
  | 4
  | 'DO_NOT_DISTURB'
  | 5
  | 'UNAVAILABLE'
  | 6

export type Availability__Output = typeof Availability[keyof typeof Availability]
