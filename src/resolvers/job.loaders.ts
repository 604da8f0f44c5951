import type { JobRecord } from '../entities';
import { jobTypeName } from '../schema/job';
import { defineNodeLoader } from '../schema/node';

export const jobById = defineNodeLoader<JobRecord>('Job', (ctx, ids) => ctx.services.jobs.find(ids), jobTypeName);
