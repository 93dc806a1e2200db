// Original file: proto/boundary.proto


export interface CardQuery {
}

export interface CardQuery__Output {
}
