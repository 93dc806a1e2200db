// Original file: proto/boundary.proto

export const FindingTopic = {
  FINDING_TOPIC_UNSPECIFIED: 'FINDING_TOPIC_UNSPECIFIED',
  POLICY: 'POLICY',
  DNS: 'DNS',
  ADDRESS: 'ADDRESS',
  TLS: 'TLS',
  CERTIFICATE: 'CERTIFICATE',
  AUTHENTICATION: 'AUTHENTICATION',
  STREAM: 'STREAM',
  WAY_IN: 'WAY_IN',
} as const;

export type FindingTopic =
  | 'FINDING_TOPIC_UNSPECIFIED'
  | 0
  | 'POLICY'
  | 1
  | 'DNS'
  | 2
  | 'ADDRESS'
  | 3
  | 'TLS'
  | 4
  | 'CERTIFICATE'
  | 5
  | 'AUTHENTICATION'
  | 6
  | 'STREAM'
  | 7
  | 'WAY_IN'
  | 8

export type FindingTopic__Output = typeof FindingTopic[keyof typeof FindingTopic]
