-- A partner that took somebody on may say later by which number of its own it knows them.
grant update (own) on keep.alias to manyhands_admission;
