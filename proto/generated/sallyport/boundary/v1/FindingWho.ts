// Original file: proto/boundary.proto

export const FindingWho = {
  FINDING_WHO_UNSPECIFIED: 'FINDING_WHO_UNSPECIFIED',
  NOBODY: 'NOBODY',
  US: 'US',
  PARTNER: 'PARTNER',
  FIREWALL: 'FIREWALL',
} as const;

export type FindingWho =
  | 'FINDING_WHO_UNSPECIFIED'
  | 0
  | 'NOBODY'
  | 1
  | 'US'
  | 2
  | 'PARTNER'
  | 3
  | 'FIREWALL'
  | 4

export type FindingWho__Output = typeof FindingWho[keyof typeof FindingWho]
