/** What was made of what: an edge table that every domain writes and a query walks from either end. */
export { type Lineage, type LineageDirection, recordLineage, walkLineage } from './lineage';
