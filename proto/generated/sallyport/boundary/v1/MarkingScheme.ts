// Original file: proto/boundary.proto

export const MarkingScheme = {
  MARKING_SCHEME_UNSPECIFIED: 'MARKING_SCHEME_UNSPECIFIED',
  SCHEME_UK: 'SCHEME_UK',
  SCHEME_US: 'SCHEME_US',
  SCHEME_NATO: 'SCHEME_NATO',
  SCHEME_EU: 'SCHEME_EU',
  SCHEME_TLP: 'SCHEME_TLP',
  SCHEME_PLAIN: 'SCHEME_PLAIN',
} as const;

export type MarkingScheme =
  | 'MARKING_SCHEME_UNSPECIFIED'
  | 0
  | 'SCHEME_UK'
  | 1
  | 'SCHEME_US'
  | 2
  | 'SCHEME_NATO'
  | 3
  | 'SCHEME_EU'
  | 4
  | 'SCHEME_TLP'
  | 5
  | 'SCHEME_PLAIN'
  | 6

export type MarkingScheme__Output = typeof MarkingScheme[keyof typeof MarkingScheme]
