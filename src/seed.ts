export const seedDemo = async (_core: unknown): Promise<void> => {};
