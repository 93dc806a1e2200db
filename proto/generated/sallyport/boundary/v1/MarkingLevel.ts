// Original file: proto/boundary.proto

export const MarkingLevel = {
  MARKING_LEVEL_UNSPECIFIED: 'MARKING_LEVEL_UNSPECIFIED',
  UNCLASSIFIED: 'UNCLASSIFIED',
  OFFICIAL: 'OFFICIAL',
  RESTRICTED: 'RESTRICTED',
  CONFIDENTIAL: 'CONFIDENTIAL',
  SECRET: 'SECRET',
  TOP_SECRET: 'TOP_SECRET',
  TLP_CLEAR: 'TLP_CLEAR',
  TLP_GREEN: 'TLP_GREEN',
  TLP_AMBER: 'TLP_AMBER',
  TLP_AMBER_STRICT: 'TLP_AMBER_STRICT',
  TLP_RED: 'TLP_RED',
} as const;

export type MarkingLevel =
  | 'MARKING_LEVEL_UNSPECIFIED'
  | 0
  | 'UNCLASSIFIED'
  | 1
  | 'OFFICIAL'
  | 2
  | 'RESTRICTED'
  | 3
  | 'CONFIDENTIAL'
  | 4
  | 'SECRET'
  | 5
  | 'TOP_SECRET'
  | 6
  | 'TLP_CLEAR'
  | 7
  | 'TLP_GREEN'
  | 8
  | 'TLP_AMBER'
  | 9
  | 'TLP_AMBER_STRICT'
  | 10
  | 'TLP_RED'
  | 11

export type MarkingLevel__Output = typeof MarkingLevel[keyof typeof MarkingLevel]
