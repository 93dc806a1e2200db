// Original file: proto/boundary.proto


export interface Probe {
}

export interface Probe__Output {
}
