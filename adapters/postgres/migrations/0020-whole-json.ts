/**
 * JSON that is only ever written and read as a whole is kept as its text: taking it apart at every write cost more than
 * storing it. Rows of an import are deleted with it by who deletes it: looking up the import of each row cost, too.
 */
export const wholeJson = (): string => `
alter table orders.order_view alter column document type json;
alter table products.catalogue alter column document type json;
alter table search.products alter column document type json, alter column shown type json;
alter table products.import_rows alter column input type json, drop constraint import_rows_import_id_fkey;
`;
