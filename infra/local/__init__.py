"""The system on one machine: plays what AWS plays around the handlers, wired from ``template.yaml``."""
