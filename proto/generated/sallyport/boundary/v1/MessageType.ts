// Original file: proto/boundary.proto

export const MessageType = {
  MESSAGE_TYPE_UNSPECIFIED: 'MESSAGE_TYPE_UNSPECIFIED',
  CHAT: 'CHAT',
  NORMAL: 'NORMAL',
  HEADLINE: 'HEADLINE',
} as const;

export type MessageType =
  | 'MESSAGE_TYPE_UNSPECIFIED'
  | 0
  | 'CHAT'
  | 1
  | 'NORMAL'
  | 2
  | 'HEADLINE'
  | 3

export type MessageType__Output = typeof MessageType[keyof typeof MessageType]
