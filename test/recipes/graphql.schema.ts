import { on } from 'node:events';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { wire } from './wire.js';

export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { version: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      news: {
        type: GraphQLString,
        subscribe: () => on(wire, 'news'),
        resolve: ([text]: [string]) => text,
      },
    },
  }),
});
