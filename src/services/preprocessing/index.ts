export { fitPipeline } from './fit-pipeline';
export type { PreprocessingPipeline } from './pipeline';
export { parsePipeline, serializePipeline } from './pipeline-json';
export { type FeatureValue, Preprocessor } from './preprocessor';
