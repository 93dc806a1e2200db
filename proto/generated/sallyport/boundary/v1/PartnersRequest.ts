// Original file: proto/boundary.proto


export interface PartnersRequest {
}

export interface PartnersRequest__Output {
}
