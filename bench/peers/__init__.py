"""Other engines at the yardstick's job, in an environment of their own, as their pins and licences are not ours."""
