import { defineLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

/** For node(id) alone. */
defineNodeLoader('Prediction', (ctx, ids) => ctx.services.predictions.find(ids));

export const outcomeOf = defineLoader(
  (ctx, predictionIds) => ctx.services.predictions.outcomes(predictionIds),
  (outcome) => outcome.predictionId,
);
