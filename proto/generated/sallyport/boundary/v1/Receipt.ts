// Original file: proto/boundary.proto

import type { ReceiptKind as _sallyport_boundary_v1_ReceiptKind, ReceiptKind__Output as _sallyport_boundary_v1_ReceiptKind__Output } from '../../../sallyport/boundary/v1/ReceiptKind.ts';

export interface Receipt {
  'kind'?: (_sallyport_boundary_v1_ReceiptKind);
  'ofId'?: (string);
}

export interface Receipt__Output {
  'kind': (_sallyport_boundary_v1_ReceiptKind__Output);
  'ofId': (string);
}
