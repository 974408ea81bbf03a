DROP TABLE campaign_witness;
