// Original file: proto/boundary.proto


export interface PostalAddress {
  'street'?: (string);
  'locality'?: (string);
  'region'?: (string);
  'postalCode'?: (string);
  'country'?: (string);
  'office'?: (string);
}

export interface PostalAddress__Output {
  'street': (string);
  'locality': (string);
  'region': (string);
  'postalCode': (string);
  'country': (string);
  'office': (string);
}
