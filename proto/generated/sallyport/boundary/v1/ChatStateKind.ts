// Original file: proto/boundary.proto

export const ChatStateKind = {
  CHAT_STATE_KIND_UNSPECIFIED: 'CHAT_STATE_KIND_UNSPECIFIED',
  ACTIVE: 'ACTIVE',
  COMPOSING: 'COMPOSING',
  PAUSED: 'PAUSED',
  INACTIVE: 'INACTIVE',
  GONE: 'GONE',
} as const;

export type ChatStateKind =
  | 'CHAT_STATE_KIND_UNSPECIFIED'
  | 0
  | 'ACTIVE'
  | 1
  | 'COMPOSING'
  | 2
  | 'PAUSED'
  | 3
  | 'INACTIVE'
  | 4
  | 'GONE'
  | 5

export type ChatStateKind__Output = typeof ChatStateKind[keyof typeof ChatStateKind]
