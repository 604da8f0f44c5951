/**
 * Options of a field or argument that may be null. In type-graphql everything is non-null unless it says so; this says so in one word:
 *
 *     @Field(() => String, { description: 'Unique name.' }) name!: string;
 *     @Field(() => DateTime, nullable('When it ended; null while it runs.')) finishedAt!: Date | null;
 */
export const nullable = (description: string) => ({ description, nullable: true }) as const;
