// Original file: proto/boundary.proto


export interface Text {
  'lang'?: (string);
  'text'?: (string);
}

export interface Text__Output {
  'lang': (string);
  'text': (string);
}
