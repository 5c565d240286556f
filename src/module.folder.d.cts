declare const moduleFolder: string;
export = moduleFolder;
