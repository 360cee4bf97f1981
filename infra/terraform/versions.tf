terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81" # the first version that accepts a provider without thumbprints
    }
  }
}
