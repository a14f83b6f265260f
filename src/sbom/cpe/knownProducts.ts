// Packages that NVD's dictionary knows under a vendor or product that no rule leads to, by purl type and full name: `vendor:product`,
// and `@` with what the product runs in where that is not its ecosystem (`*`: anything).
const KNOWN = `
  cargo/hyper hyper:hyper
  cargo/openssl rust-openssl_project:rust-openssl
  cargo/rustls rustls_project:rustls
  cargo/time time_project:time
  cargo/tokio tokio:tokio
  composer/drupal/core drupal:drupal
  composer/guzzlehttp/guzzle guzzlephp:guzzle
  composer/guzzlehttp/psr7 guzzlephp:psr-7
  composer/laravel/framework laravel:framework
  composer/phpmailer/phpmailer phpmailer_project:phpmailer
  composer/smarty/smarty smarty:smarty
  composer/symfony/symfony sensiolabs:symfony
  composer/twig/twig symfony:twig
  composer/typo3/cms-core typo3:typo3
  gem/actionpack rubyonrails:rails@*
  gem/activerecord rubyonrails:rails@*
  gem/activesupport rubyonrails:rails@*
  gem/bundler bundler:bundler
  gem/nokogiri nokogiri:nokogiri
  gem/puma puma:puma
  gem/rack rack:rack
  gem/rails rubyonrails:rails@*
  gem/rdoc ruby-lang:rdoc
  gem/rexml ruby-lang:rexml
  gem/sinatra sinatrarb:sinatra
  golang/github.com/containerd/containerd linuxfoundation:containerd@*
  golang/github.com/docker/docker docker:docker@*
  golang/github.com/golang-jwt/jwt golang-jwt:jwt
  golang/github.com/hashicorp/consul hashicorp:consul@*
  golang/github.com/hashicorp/vault hashicorp:vault@*
  golang/github.com/moby/moby mobyproject:moby@*
  golang/github.com/opencontainers/runc linuxfoundation:runc@*
  golang/google.golang.org/grpc grpc:grpc
  golang/google.golang.org/protobuf protobuf:protobuf
  golang/gopkg.in/yaml.v2 yaml_project:yaml
  golang/gopkg.in/yaml.v3 yaml_project:yaml
  golang/k8s.io/kubernetes kubernetes:kubernetes@*
  golang/stdlib golang:go@*
  maven/ch.qos.logback:logback-classic qos:logback@*
  maven/ch.qos.logback:logback-core qos:logback@*
  maven/com.google.code.gson:gson google:gson@*
  maven/com.google.guava:guava google:guava@*
  maven/com.google.protobuf:protobuf-java google:protobuf-java@*
  maven/com.h2database:h2 h2database:h2@*
  maven/commons-beanutils:commons-beanutils apache:commons_beanutils@*
  maven/commons-codec:commons-codec apache:commons_codec@*
  maven/commons-collections:commons-collections apache:commons_collections@*
  maven/commons-fileupload:commons-fileupload apache:commons_fileupload@*
  maven/commons-io:commons-io apache:commons_io@*
  maven/log4j:log4j apache:log4j@*
  maven/mysql:mysql-connector-java oracle:mysql_connector/j@*
  maven/org.apache.commons:commons-collections4 apache:commons_collections@*
  maven/org.apache.commons:commons-compress apache:commons_compress@*
  maven/org.apache.commons:commons-configuration2 apache:commons_configuration@*
  maven/org.apache.commons:commons-lang3 apache:commons_lang@*
  maven/org.apache.commons:commons-text apache:commons_text@*
  maven/org.apache.httpcomponents:httpclient apache:httpclient@*
  maven/org.apache.logging.log4j:log4j-api apache:log4j@*
  maven/org.apache.logging.log4j:log4j-core apache:log4j@*
  maven/org.apache.shiro:shiro-core apache:shiro@*
  maven/org.apache.struts:struts2-core apache:struts@*
  maven/org.apache.tomcat.embed:tomcat-embed-core apache:tomcat@*
  maven/org.eclipse.jetty:jetty-server eclipse:jetty@*
  maven/org.postgresql:postgresql postgresql:postgresql_jdbc_driver@*
  maven/org.springframework.boot:spring-boot vmware:spring_boot@*
  maven/org.springframework.security:spring-security-core vmware:spring_security@*
  maven/org.springframework:spring-beans vmware:spring_framework@*
  maven/org.springframework:spring-core vmware:spring_framework@*
  maven/org.springframework:spring-web vmware:spring_framework@*
  maven/org.springframework:spring-webmvc vmware:spring_framework@*
  maven/org.yaml:snakeyaml snakeyaml_project:snakeyaml@*
  maven/io.netty:netty-codec-http netty:netty@*
  maven/io.netty:netty-codec-http2 netty:netty@*
  maven/io.netty:netty-handler netty:netty@*
  npm/@angular/core angular:angular
  npm/@babel/traverse babeljs:babel
  npm/angular angularjs:angular.js
  npm/axios axios:axios
  npm/express openjsf:express
  npm/handlebars handlebarsjs:handlebars
  npm/jquery jquery:jquery@*
  npm/lodash lodash:lodash
  npm/minimist substack:minimist
  npm/moment momentjs:moment
  npm/next vercel:next.js
  npm/npm npmjs:npm
  npm/react facebook:react
  npm/semver npmjs:semver
  npm/socket.io socket:socket.io
  npm/tar isaacs:tar
  npm/underscore underscorejs:underscore
  npm/vue vuejs:vue.js
  nuget/Newtonsoft.Json newtonsoft:json.net@*
  pypi/ansible redhat:ansible@*
  pypi/certifi certifi:certifi
  pypi/cryptography cryptography.io:cryptography
  pypi/django djangoproject:django@*
  pypi/flask palletsprojects:flask
  pypi/jinja2 palletsprojects:jinja@*
  pypi/lxml lxml:lxml
  pypi/numpy numpy:numpy
  pypi/pillow python:pillow
  pypi/pip pypa:pip
  pypi/pyyaml pyyaml:pyyaml
  pypi/requests python:requests
  pypi/setuptools python:setuptools
  pypi/sqlalchemy sqlalchemy:sqlalchemy
  pypi/tensorflow google:tensorflow@*
  pypi/tornado tornadoweb:tornado
  pypi/urllib3 python:urllib3
  pypi/werkzeug palletsprojects:werkzeug`;

/** What NVD calls a product. */
export interface KnownProduct {
  readonly vendor: string;
  readonly product: string;
  /** `*`: whatever it runs in; undefined: its own ecosystem. */
  readonly target: "*" | undefined;
}

const readLine = (line: string): readonly [string, KnownProduct] => {
  const [name = "", cpe = ""] = line.split(" ");
  const [product = "", target] = cpe.split("@");
  const [vendor = "", own = ""] = product.split(":");
  return [name, { vendor, product: own, target: target === "*" ? "*" : undefined }];
};

const PRODUCTS: ReadonlyMap<string, KnownProduct> = new Map(
  KNOWN.trim()
    .split("\n")
    .map((line) => readLine(line.trim())),
);

/** By purl type and full name: `npm/@babel/traverse`, `maven/org.yaml:snakeyaml`. */
export const knownProduct = (name: string): KnownProduct | undefined => PRODUCTS.get(name);
