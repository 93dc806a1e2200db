// Original file: proto/boundary.proto


export interface SecurityLabel {
  'display'?: (string);
  'foreground'?: (string);
  'background'?: (string);
  'scheme'?: (string);
  'label'?: (Buffer | Uint8Array | string);
  'equivalents'?: (Buffer | Uint8Array | string)[];
}

export interface SecurityLabel__Output {
  'display': (string);
  'foreground': (string);
  'background': (string);
  'scheme': (string);
  'label': (Buffer);
  'equivalents': (Buffer)[];
}
