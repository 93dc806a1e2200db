// Original file: proto/boundary.proto

export const ReceiptKind = {
  RECEIPT_KIND_UNSPECIFIED: 'RECEIPT_KIND_UNSPECIFIED',
  RECEIVED: 'RECEIVED',
  DISPLAYED: 'DISPLAYED',
} as const;

export type ReceiptKind =
  | 'RECEIPT_KIND_UNSPECIFIED'
  | 0
  | 'RECEIVED'
  | 1
  | 'DISPLAYED'
  | 2

export type ReceiptKind__Output = typeof ReceiptKind[keyof typeof ReceiptKind]
