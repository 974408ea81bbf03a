DROP TABLE qc_control_release;
