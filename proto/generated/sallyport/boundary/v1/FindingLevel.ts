// Original file: proto/boundary.proto

export const FindingLevel = {
  FINDING_LEVEL_UNSPECIFIED: 'FINDING_LEVEL_UNSPECIFIED',
  GOOD: 'GOOD',
  NOTE: 'NOTE',
  WRONG: 'WRONG',
} as const;

export type FindingLevel =
  | 'FINDING_LEVEL_UNSPECIFIED'
  | 0
  | 'GOOD'
  | 1
  | 'NOTE'
  | 2
  | 'WRONG'
  | 3

export type FindingLevel__Output = typeof FindingLevel[keyof typeof FindingLevel]
