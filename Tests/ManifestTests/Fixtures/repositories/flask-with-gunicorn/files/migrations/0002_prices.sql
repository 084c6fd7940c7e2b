alter table items add price numeric;
