// Original file: proto/boundary.proto

import type { CardAddress as _sallyport_boundary_v1_CardAddress, CardAddress__Output as _sallyport_boundary_v1_CardAddress__Output } from '../../../sallyport/boundary/v1/CardAddress.ts';
import type { PostalAddress as _sallyport_boundary_v1_PostalAddress, PostalAddress__Output as _sallyport_boundary_v1_PostalAddress__Output } from '../../../sallyport/boundary/v1/PostalAddress.ts';

export interface Card {
  'fullName'?: (string);
  'familyName'?: (string);
  'givenName'?: (string);
  'nickname'?: (string);
  'organisation'?: (string);
  'department'?: (string);
  'title'?: (string);
  'role'?: (string);
  'emails'?: (_sallyport_boundary_v1_CardAddress)[];
  'phones'?: (_sallyport_boundary_v1_CardAddress)[];
  'url'?: (string);
  'address'?: (_sallyport_boundary_v1_PostalAddress | null);
  'note'?: (string);
}

export interface Card__Output {
  'fullName': (string);
  'familyName': (string);
  'givenName': (string);
  'nickname': (string);
  'organisation': (string);
  'department': (string);
  'title': (string);
  'role': (string);
  'emails': (_sallyport_boundary_v1_CardAddress__Output)[];
  'phones': (_sallyport_boundary_v1_CardAddress__Output)[];
  'url': (string);
  'address': (_sallyport_boundary_v1_PostalAddress__Output | null);
  'note': (string);
}
