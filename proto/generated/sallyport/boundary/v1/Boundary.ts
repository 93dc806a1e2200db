// Original file: proto/boundary.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Activation as _sallyport_boundary_v1_Activation, Activation__Output as _sallyport_boundary_v1_Activation__Output } from '../../../sallyport/boundary/v1/Activation.ts';
import type { DiagnoseRequest as _sallyport_boundary_v1_DiagnoseRequest, DiagnoseRequest__Output as _sallyport_boundary_v1_DiagnoseRequest__Output } from '../../../sallyport/boundary/v1/DiagnoseRequest.ts';
import type { DiagnosisPart as _sallyport_boundary_v1_DiagnosisPart, DiagnosisPart__Output as _sallyport_boundary_v1_DiagnosisPart__Output } from '../../../sallyport/boundary/v1/DiagnosisPart.ts';
import type { FromInside as _sallyport_boundary_v1_FromInside, FromInside__Output as _sallyport_boundary_v1_FromInside__Output } from '../../../sallyport/boundary/v1/FromInside.ts';
import type { FromOutside as _sallyport_boundary_v1_FromOutside, FromOutside__Output as _sallyport_boundary_v1_FromOutside__Output } from '../../../sallyport/boundary/v1/FromOutside.ts';
import type { PartnerState as _sallyport_boundary_v1_PartnerState, PartnerState__Output as _sallyport_boundary_v1_PartnerState__Output } from '../../../sallyport/boundary/v1/PartnerState.ts';
import type { PartnersRequest as _sallyport_boundary_v1_PartnersRequest, PartnersRequest__Output as _sallyport_boundary_v1_PartnersRequest__Output } from '../../../sallyport/boundary/v1/PartnersRequest.ts';
import type { SignedPolicy as _sallyport_boundary_v1_SignedPolicy, SignedPolicy__Output as _sallyport_boundary_v1_SignedPolicy__Output } from '../../../sallyport/boundary/v1/SignedPolicy.ts';

export interface BoundaryClient extends grpc.Client {
  ActivatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  ActivatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, metadata: grpc.Metadata, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  ActivatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, options: grpc.CallOptions, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  ActivatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  activatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  activatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, metadata: grpc.Metadata, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  activatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, options: grpc.CallOptions, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  activatePolicy(argument: _sallyport_boundary_v1_SignedPolicy, callback: grpc.requestCallback<_sallyport_boundary_v1_Activation__Output>): grpc.ClientUnaryCall;
  
  Diagnose(argument: _sallyport_boundary_v1_DiagnoseRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_DiagnosisPart__Output>;
  Diagnose(argument: _sallyport_boundary_v1_DiagnoseRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_DiagnosisPart__Output>;
  diagnose(argument: _sallyport_boundary_v1_DiagnoseRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_DiagnosisPart__Output>;
  diagnose(argument: _sallyport_boundary_v1_DiagnoseRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_DiagnosisPart__Output>;
  
  Exchange(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromOutside__Output>;
  Exchange(options?: grpc.CallOptions): grpc.ClientDuplexStream<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromOutside__Output>;
  exchange(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromOutside__Output>;
  exchange(options?: grpc.CallOptions): grpc.ClientDuplexStream<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromOutside__Output>;
  
  Partners(argument: _sallyport_boundary_v1_PartnersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_PartnerState__Output>;
  Partners(argument: _sallyport_boundary_v1_PartnersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_PartnerState__Output>;
  partners(argument: _sallyport_boundary_v1_PartnersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_PartnerState__Output>;
  partners(argument: _sallyport_boundary_v1_PartnersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_sallyport_boundary_v1_PartnerState__Output>;
  
}

export interface BoundaryHandlers extends grpc.UntypedServiceImplementation {
  ActivatePolicy: grpc.handleUnaryCall<_sallyport_boundary_v1_SignedPolicy__Output, _sallyport_boundary_v1_Activation>;
  
  Diagnose: grpc.handleServerStreamingCall<_sallyport_boundary_v1_DiagnoseRequest__Output, _sallyport_boundary_v1_DiagnosisPart>;
  
  Exchange: grpc.handleBidiStreamingCall<_sallyport_boundary_v1_FromInside__Output, _sallyport_boundary_v1_FromOutside>;
  
  Partners: grpc.handleServerStreamingCall<_sallyport_boundary_v1_PartnersRequest__Output, _sallyport_boundary_v1_PartnerState>;
  
}

export interface BoundaryDefinition extends grpc.ServiceDefinition {
  ActivatePolicy: MethodDefinition<_sallyport_boundary_v1_SignedPolicy, _sallyport_boundary_v1_Activation, _sallyport_boundary_v1_SignedPolicy__Output, _sallyport_boundary_v1_Activation__Output>
  Diagnose: MethodDefinition<_sallyport_boundary_v1_DiagnoseRequest, _sallyport_boundary_v1_DiagnosisPart, _sallyport_boundary_v1_DiagnoseRequest__Output, _sallyport_boundary_v1_DiagnosisPart__Output>
  Exchange: MethodDefinition<_sallyport_boundary_v1_FromInside, _sallyport_boundary_v1_FromOutside, _sallyport_boundary_v1_FromInside__Output, _sallyport_boundary_v1_FromOutside__Output>
  Partners: MethodDefinition<_sallyport_boundary_v1_PartnersRequest, _sallyport_boundary_v1_PartnerState, _sallyport_boundary_v1_PartnersRequest__Output, _sallyport_boundary_v1_PartnerState__Output>
}
