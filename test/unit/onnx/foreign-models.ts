import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type ValueInfoProtoSchema,
} from 'onnx-buf';

type Graph = MessageInitShape<typeof GraphProtoSchema>;
type Node = MessageInitShape<typeof NodeProtoSchema>;
type ValueInfo = MessageInitShape<typeof ValueInfoProtoSchema>;

const text = (value: string) => new TextEncoder().encode(value);

export const tensor = (name: string, elemType: DataType, shape: readonly (number | string)[]): ValueInfo => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType,
        shape: {
          dim: shape.map((size) => ({
            value:
              typeof size === 'number'
                ? { case: 'dimValue' as const, value: BigInt(size) }
                : { case: 'dimParam' as const, value: size },
          })),
        },
      },
    },
  },
});

/** What other tools might export: a graph that Mooring did not encode itself. */
export function foreignModel(graph: Graph): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: 17n },
        { domain: 'ai.onnx.ml', version: 3n },
      ],
      graph: { name: 'foreign', ...graph },
    }),
  );
}

/** A model of one node from `features` [N, width] to `output`, which holds the node's result. */
export function oneNodeModel(opType: string, output: ValueInfo, input = tensor('features', DataType.FLOAT, ['N', 2])) {
  const node: Node = { name: 'node', opType, input: [input.name ?? ''], output: [output.name ?? ''] };
  return foreignModel({ input: [input], output: [output], node: [node] });
}

/** What scikit-learn's converter exports unless told zipmap=False: probabilities as a list of maps. */
export function zipMapModel(): Uint8Array {
  const classifier: Node = {
    name: 'classifier',
    opType: 'LinearClassifier',
    domain: 'ai.onnx.ml',
    input: ['features'],
    output: ['label', 'tensor'],
    attribute: [
      { name: 'coefficients', type: AttributeType.FLOATS, floats: [1, 2] },
      { name: 'intercepts', type: AttributeType.FLOATS, floats: [0] },
      { name: 'classlabels_ints', type: AttributeType.INTS, ints: [0n, 1n] },
      { name: 'post_transform', type: AttributeType.STRING, s: text('LOGISTIC') },
    ],
  };
  const zipMap: Node = {
    name: 'zipmap',
    opType: 'ZipMap',
    domain: 'ai.onnx.ml',
    input: ['tensor'],
    output: ['probabilities'],
    attribute: [{ name: 'classlabels_int64s', type: AttributeType.INTS, ints: [0n, 1n] }],
  };
  const floatScalar = { value: { case: 'tensorType' as const, value: { elemType: DataType.FLOAT } } };
  const map = { value: { case: 'mapType' as const, value: { keyType: DataType.INT64, valueType: floatScalar } } };
  return foreignModel({
    input: [tensor('features', DataType.FLOAT, ['N', 2])],
    output: [
      tensor('label', DataType.INT64, ['N']),
      { name: 'probabilities', type: { value: { case: 'sequenceType', value: { elemType: map } } } },
    ],
    node: [classifier, zipMap],
  });
}

/** Weights that lie in another file: nothing of the server's disk may be read through a model. */
export function externalDataModel(location: string): Uint8Array {
  return foreignModel({
    input: [tensor('features', DataType.FLOAT, ['N', 2])],
    output: [tensor('probabilities', DataType.FLOAT, ['N', 2])],
    initializer: [
      {
        name: 'weights',
        dataType: DataType.FLOAT,
        dims: [2n, 2n],
        dataLocation: DataLocation.EXTERNAL,
        externalData: [
          { key: 'location', value: location },
          { key: 'offset', value: '0' },
          { key: 'length', value: '16' },
        ],
      },
    ],
    node: [{ name: 'product', opType: 'MatMul', input: ['features', 'weights'], output: ['probabilities'] }],
  });
}
