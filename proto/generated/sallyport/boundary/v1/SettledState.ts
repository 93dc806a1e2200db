// Original file: proto/boundary.proto

export const SettledState = {
  SETTLED_STATE_UNSPECIFIED: 'SETTLED_STATE_UNSPECIFIED',
  DELIVERED: 'DELIVERED',
  REFUSED: 'REFUSED',
  UNKNOWN: 'UNKNOWN',
  PENDING: 'PENDING',
} as const;

export type SettledState =
  | 'SETTLED_STATE_UNSPECIFIED'
  | 0
  | 'DELIVERED'
  | 1
  | 'REFUSED'
  | 2
  | 'UNKNOWN'
  | 3
  | 'PENDING'
  | 4

export type SettledState__Output = typeof SettledState[keyof typeof SettledState]
