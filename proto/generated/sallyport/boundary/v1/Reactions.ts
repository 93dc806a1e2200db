// Original file: proto/boundary.proto


export interface Reactions {
  'toId'?: (string);
  'emojis'?: (string)[];
}

export interface Reactions__Output {
  'toId': (string);
  'emojis': (string)[];
}
