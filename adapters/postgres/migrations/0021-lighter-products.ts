/**
 * What a product consists of is written with it, by one statement that its version guards. Looking its parent up again for
 * each row was a seventh of what an import cost the database. And nobody looks for what is searched by its SKU's row.
 */
export const lighterProducts = (): string => `
alter table products.product_variants drop constraint product_variants_product_id_fkey;
alter table products.product_pricing drop constraint product_pricing_product_id_variant_id_fkey;
alter table products.product_publications drop constraint product_publications_product_id_fkey;
alter table products.product_attributes drop constraint product_attributes_product_id_fkey;
alter table products.product_images drop constraint product_images_product_id_fkey;
drop index search.skus_by_sku;
`;
