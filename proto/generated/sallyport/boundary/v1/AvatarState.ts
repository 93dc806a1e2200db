// Original file: proto/boundary.proto

export const AvatarState = {
  AVATAR_STATE_UNSPECIFIED: 'AVATAR_STATE_UNSPECIFIED',
  AVATAR_NONE: 'AVATAR_NONE',
  AVATAR_IS: 'AVATAR_IS',
} as const;

export type AvatarState =
  | 'AVATAR_STATE_UNSPECIFIED'
  | 0
  | 'AVATAR_NONE'
  | 1
  | 'AVATAR_IS'
  | 2

export type AvatarState__Output = typeof AvatarState[keyof typeof AvatarState]
