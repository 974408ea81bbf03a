-- One batch is not sampled twice in the same task: forms are looked up by their batch.
CREATE INDEX sampling_form_batch ON sampling_form (batch_no);
