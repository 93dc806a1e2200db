// Original file: proto/boundary.proto

export const Standing = {
  STANDING_UNSPECIFIED: 'STANDING_UNSPECIFIED',
  PARTNER_GOOD: 'PARTNER_GOOD',
  PARTNER_REMOVED: 'PARTNER_REMOVED',
  PARTNER_UNPROVED: 'PARTNER_UNPROVED',
} as const;

export type Standing =
  | 'STANDING_UNSPECIFIED'
  | 0
  | 'PARTNER_GOOD'
  | 1
  | 'PARTNER_REMOVED'
  | 2
  | 'PARTNER_UNPROVED'
  | 3

export type Standing__Output = typeof Standing[keyof typeof Standing]
