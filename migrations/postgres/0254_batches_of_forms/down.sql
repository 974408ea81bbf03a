DROP INDEX sampling_form_batch;
