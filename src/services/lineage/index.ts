/** What was made of what: an edge table that every domain writes and a query walks from either end. */
export { type LineageDirection, type LineagePage, type LineageWalk, recordLineage, walkLineage } from './lineage';
