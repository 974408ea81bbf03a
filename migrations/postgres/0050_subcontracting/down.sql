DROP TABLE subcontract;
DROP TABLE subcontract_consent;
DROP TABLE subcontractor;
