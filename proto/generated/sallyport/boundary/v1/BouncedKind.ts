// Original file: proto/boundary.proto

export const BouncedKind = {
  BOUNCED_KIND_UNSPECIFIED: 'BOUNCED_KIND_UNSPECIFIED',
  BOUNCED_MESSAGE: 'BOUNCED_MESSAGE',
  BOUNCED_SUBSCRIPTION: 'BOUNCED_SUBSCRIPTION',
  BOUNCED_QUERY: 'BOUNCED_QUERY',
  BOUNCED_PRESENCE: 'BOUNCED_PRESENCE',
} as const;

export type BouncedKind =
  | 'BOUNCED_KIND_UNSPECIFIED'
  | 0
  | 'BOUNCED_MESSAGE'
  | 1
  | 'BOUNCED_SUBSCRIPTION'
  | 2
  | 'BOUNCED_QUERY'
  | 3
  | 'BOUNCED_PRESENCE'
  | 4

export type BouncedKind__Output = typeof BouncedKind[keyof typeof BouncedKind]
