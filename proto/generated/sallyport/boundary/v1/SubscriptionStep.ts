// Original file: proto/boundary.proto

export const SubscriptionStep = {
  SUBSCRIPTION_STEP_UNSPECIFIED: 'SUBSCRIPTION_STEP_UNSPECIFIED',
  SUBSCRIBE: 'SUBSCRIBE',
  SUBSCRIBED: 'SUBSCRIBED',
  UNSUBSCRIBE: 'UNSUBSCRIBE',
  UNSUBSCRIBED: 'UNSUBSCRIBED',
} as const;

export type SubscriptionStep =
  | 'SUBSCRIPTION_STEP_UNSPECIFIED'
  | 0
  | 'SUBSCRIBE'
  | 1
  | 'SUBSCRIBED'
  | 2
  | 'UNSUBSCRIBE'
  | 3
  | 'UNSUBSCRIBED'
  | 4

export type SubscriptionStep__Output = typeof SubscriptionStep[keyof typeof SubscriptionStep]
