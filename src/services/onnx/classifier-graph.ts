import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type ValueInfoProtoSchema,
} from 'onnx-buf';

export type Attribute = MessageInitShape<typeof AttributeProtoSchema>;
type ValueInfo = MessageInitShape<typeof ValueInfoProtoSchema>;

/** Versions that every ONNX Runtime since 1.13 reads; opset 5 of ai.onnx.ml replaces TreeEnsembleClassifier by an operator that has no LOGISTIC. */
const IR_VERSION = 8n;
const ONNX_OPSET = 17n;
const ONNX_ML_OPSET = 3n;

/**
 * A model of one ai.onnx.ml classifier node: input `features` float [N, width], outputs `label` int64 [N] and `probabilities` float [N, 2].
 * @param operator for example 'LinearClassifier'
 */
export function encodeClassifierGraph(operator: string, width: number, attributes: readonly Attribute[]): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'mooring',
    opsetImport: [
      { domain: '', version: ONNX_OPSET },
      { domain: 'ai.onnx.ml', version: ONNX_ML_OPSET },
    ],
    graph: {
      name: 'classifier',
      input: [tensorInfo('features', DataType.FLOAT, ['N', width])],
      output: [tensorInfo('label', DataType.INT64, ['N']), tensorInfo('probabilities', DataType.FLOAT, ['N', 2])],
      node: [
        {
          name: 'classifier',
          opType: operator,
          domain: 'ai.onnx.ml',
          input: ['features'],
          output: ['label', 'probabilities'],
          attribute: [...attributes, text('post_transform', 'LOGISTIC')],
        },
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

export function ints(name: string, values: readonly number[]): Attribute {
  return { name, type: AttributeType.INTS, ints: values.map(BigInt) };
}

export function floats(name: string, values: readonly number[]): Attribute {
  return { name, type: AttributeType.FLOATS, floats: [...values] };
}

export function strings(name: string, values: readonly string[]): Attribute {
  return { name, type: AttributeType.STRINGS, strings: values.map((value) => new TextEncoder().encode(value)) };
}

function text(name: string, value: string): Attribute {
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
}

function tensorInfo(name: string, elemType: DataType, shape: readonly (string | number)[]): ValueInfo {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}
