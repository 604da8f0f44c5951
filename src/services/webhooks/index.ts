export { rotateWebhookSecrets } from './rotate-webhook-secrets';
export { WebhookDispatcher } from './webhook-dispatcher';
export {
  type CreateWebhookInput,
  type UpdateWebhookInput,
  WebhookService,
  type WebhookWithSecret,
} from './webhook.service';
