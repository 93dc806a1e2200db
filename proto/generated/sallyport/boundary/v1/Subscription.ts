// Original file: proto/boundary.proto

import type { SubscriptionStep as _sallyport_boundary_v1_SubscriptionStep, SubscriptionStep__Output as _sallyport_boundary_v1_SubscriptionStep__Output } from '../../../sallyport/boundary/v1/SubscriptionStep.ts';

export interface Subscription {
  'step'?: (_sallyport_boundary_v1_SubscriptionStep);
  'nick'?: (string);
  'note'?: (string);
}

export interface Subscription__Output {
  'step': (_sallyport_boundary_v1_SubscriptionStep__Output);
  'nick': (string);
  'note': (string);
}
