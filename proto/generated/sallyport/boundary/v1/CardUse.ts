// Original file: proto/boundary.proto

export const CardUse = {
  CARD_USE_UNSPECIFIED: 'CARD_USE_UNSPECIFIED',
  WORK: 'WORK',
  HOME: 'HOME',
  MOBILE: 'MOBILE',
  FAX: 'FAX',
  OTHER: 'OTHER',
} as const;

export type CardUse =
  | 'CARD_USE_UNSPECIFIED'
  | 0
  | 'WORK'
  | 1
  | 'HOME'
  | 2
  | 'MOBILE'
  | 3
  | 'FAX'
  | 4
  | 'OTHER'
  | 5

export type CardUse__Output = typeof CardUse[keyof typeof CardUse]
